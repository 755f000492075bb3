/** Subjects by name: what may be put to the test, and what the gates must fail. */
import { createCheat } from './cheat.ts';
import { PLUGIN_SUBJECTS } from './plugin/variants.ts';
import { BC, BC2L, Lookahead, type LookaheadOptions } from './references/lookahead.ts';
import { OrderPolicy } from './references/order-policy.ts';
import { ValuePolicy, type ValuePolicyOptions } from './references/value-policy.ts';
import type { CreateSubject, Subject, SubjectContext } from './subject.ts';

const lookahead =
  (options: LookaheadOptions, policy: Partial<ValuePolicyOptions> = {}): CreateSubject =>
  (context) =>
    new ValuePolicy(context, new Lookahead(context.world, options), policy);

const SUBJECTS: Readonly<Record<string, CreateSubject>> = {
  ...PLUGIN_SUBJECTS,
  bc: lookahead(BC),
  bc2L: lookahead(BC2L, { refillsOnCompletion: true, guard: 1.1 }),
  classic: (context) => new OrderPolicy(context, 'classic'),
  fifo: (context) => new OrderPolicy(context, 'fifo'),
  tiles: (context) => new OrderPolicy(context, 'tiles'),
  heat: lookahead(BC2L, { refillsOnCompletion: true, guard: 1.1, eviction: 'heat' }),
  overshoot: createOvershoot,
  cheat: createCheat,
};

/** What is tested where nothing else is named. */
export const DEFAULT_SUBJECT = 'plugin';

export const SUBJECT_NAMES: readonly string[] = Object.keys(SUBJECTS);

/** The maker of a subject; throws for a name that is not known. */
export function subjectNamed(name: string): CreateSubject {
  const create = SUBJECTS[name];
  if (create) return create;
  throw new Error(`flythrough: no subject "${name}"; expected one of ${SUBJECT_NAMES.join(', ')}`);
}

/** `bc2L`, which in one frame uses one byte more than it may. */
async function createOvershoot(context: SubjectContext): Promise<Subject> {
  const subject = await subjectNamed('bc2L')(context);
  let now = 0;
  return {
    delivered: () => subject.delivered?.(),
    announce: (pose, etaS) => subject.announce?.(pose, etaS),
    frame: (frame, pose) => {
      now = frame;
      return subject.frame(frame, pose);
    },
    best: () => subject.best(),
    usedBytes: () => (now === 600 ? context.budgetBytes + 1 : subject.usedBytes()),
  };
}
