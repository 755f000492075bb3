/** Flies a subject through a scenario: the order of things in a frame, and who gets to see what. */
import { FRAME_SECONDS as DT } from './constants.ts';
import { Ledger } from './ledger.ts';
import { Link } from './link.ts';
import { withoutMachineTime } from './machine-time.ts';
import type { Path } from './path.ts';
import { type Figures, Referee } from './referee.ts';
import type { Prepared } from './scenario.ts';
import type { CreateSubject, Pose, Subject } from './subject.ts';

/**
 * One flight: in each frame the link advances first, then a jump is announced where one is due, then
 * the subject gets the pose, then the referee looks. The result is a function of scenario and subject:
 * asking the machine for time or chance throws. `disturb` is waited for before each frame.
 */
export async function fly(
  prepared: Prepared,
  createSubject: CreateSubject,
  disturb?: () => Promise<void>,
): Promise<Figures> {
  const { scenario, world, path, visibility, budgetBytes } = prepared;
  const link = new Link({
    bytesPerS: prepared.bandwidthBytesPerS,
    latencyS: scenario.latencyS,
    concurrency: scenario.concurrency,
  });
  const ledger = new Ledger(world);
  const referee = new Referee({ world, path, visibility, budgetBytes, link, ledger });
  const announced = announcements(path, scenario.announceS);
  return await withoutMachineTime(async () => {
    const subject = await createSubject({ world, budgetBytes, link, reports: ledger });
    try {
      for (let frame = 0; frame < path.frames; frame++) {
        await disturb?.();
        ledger.frame = frame;
        if (frame > 0) await passTime(link, subject);
        const jump = announced.get(frame);
        if (jump !== undefined) subject.announce?.(poseOf(path, jump), (jump - frame) * DT);
        await subject.frame(frame, poseOf(path, frame));
        referee.judge(frame, subject.best(), subject.usedBytes());
      }
    } finally {
      await subject.dispose?.();
    }
    return referee.finish();
  });
}

/** A frame's time on the link, from completion to completion. */
async function passTime(link: Link, subject: Subject): Promise<void> {
  let left = DT;
  while (left > 0) {
    const before = link.deliveredBytes;
    left = link.advance(left);
    if (link.deliveredBytes > before) await subject.delivered?.();
  }
}

function poseOf(path: Path, frame: number): Pose {
  return Object.freeze({ x: path.x[frame]!, y: path.y[frame]!, yaw: path.yaw[frame]! });
}

/** The jump that is announced in a frame, for each frame in which one is. */
function announcements(path: Path, announceS: number): Map<number, number> {
  const found = new Map<number, number>();
  if (announceS <= 0) return found;
  const ahead = Math.round(announceS / DT);
  for (let frame = 0; frame < path.frames; frame++)
    if (path.jumps[frame] === 1) found.set(Math.max(0, frame - ahead), frame);
  return found;
}
