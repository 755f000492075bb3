/**
 * A game that does anything to its bitECS world, at any time, from one seed: adds and removes
 * entities and components, of its own and of the streaming's, between the calls of a frame and from
 * within observers, which end the very entity they are told of and have its id recycled, ask for
 * others, or throw. It keeps book of what is its own.
 */
import type { World } from 'bitecs';
import type { Streaming } from '../../src/plugin.ts';

type Bitecs = typeof import('bitecs');

/** What the game knows of an entity of its own. */
interface Own {
  token: number;
  x: number;
  components: Set<object>;
}

/** Where the game lives, and what it is made of. */
interface GameParts {
  bitecs: Bitecs;
  ecs: World;
  streaming: Streaming;
  random: () => number;
  /** Of structural changes. */
  counter: { total: number };
  /** Where a slot is: x. */
  xOfSlot: (slot: number) => number;
}

export class RandomGame {
  readonly own: Map<number, Own> = new Map();
  /** Of the game: carries a number that only the game writes. */
  readonly Mark: { token: Float64Array } = { token: new Float64Array(4096) };
  /** Tells of everything that observers found wrong. */
  readonly problems: string[] = [];
  /** While set, observers only look. */
  isCalm = false;
  /** Structural changes of calls that the game makes for itself. */
  askedOps = 0;
  /** How often each thing was done, by name: a run that never did one shows nothing. */
  readonly done: Map<string, number> = new Map();
  readonly random: () => number;
  readonly #parts: GameParts;
  #tokens = 0;
  /** Calls of bitECS that the game itself is in. */
  #depth = 0;

  constructor(parts: GameParts) {
    this.#parts = parts;
    this.random = parts.random;
    this.#observe();
  }

  /** A few random things, as game code does them between the calls of a frame. */
  act(): void {
    const { Placement, StreamRequest } = this.#parts.streaming.components;
    const { query } = this.#parts.bitecs;
    const chance = this.random();
    if (chance < 0.25) this.spawn();
    else if (chance < 0.4) this.#endOne([...this.own.keys()]);
    else if (chance < 0.5) this.#endOne([...query(this.#parts.ecs, [Placement])]);
    else if (chance < 0.6) this.#dress(this.#pick([...query(this.#parts.ecs, [Placement])]));
    else if (chance < 0.65) this.#undress(this.#pick([...query(this.#parts.ecs, [StreamRequest])]));
    else if (chance < 0.7) this.#adopt(this.#pick([...query(this.#parts.ecs, [Placement])]));
    else if (chance < 0.8) this.ask();
    else if (chance < 0.85) this.#sweepUp();
  }

  /** A new entity of the game's own. */
  spawn(): void {
    const { Transform, StreamRequest, Pinned } = this.#parts.streaming.components;
    const { addEntity, addComponent, set } = this.#parts.bitecs;
    this.#do('spawn', () => {
      const entity = addEntity(this.#parts.ecs);
      const own: Own = {
        token: ++this.#tokens,
        x: Math.fround(this.random() * 60),
        components: new Set(),
      };
      this.own.set(entity, own);
      addComponent(this.#parts.ecs, entity, this.Mark);
      this.Mark.token[entity] = own.token;
      own.components.add(this.Mark);
      const put = (component: object, data: object): void => {
        // An observer of the game may have ended it: the id may be another's.
        if (this.own.get(entity) !== own) return;
        own.components.add(component);
        addComponent(this.#parts.ecs, entity, set(component, data));
      };
      put(Transform, { position: [own.x, 0, -20] });
      if (this.random() < 0.6)
        put(StreamRequest, { asset: `asset-${Math.floor(this.random() * 6)}` });
      if (this.random() < 0.2) put(Pinned, {});
    });
  }

  /** The entity of any slot, near or far. */
  ask(): void {
    const slot = 257 + Math.floor(this.random() * 1500);
    const before = this.#parts.counter.total;
    this.#count('ask');
    const entity = this.#parts.streaming.entityOfSlot(slot);
    const ops = this.#parts.counter.total - before;
    this.#parts.counter.total = before;
    this.askedOps += ops;
    if (entity !== 0 && this.#parts.streaming.slotOfEntity(entity) !== slot)
      this.problems.push(
        `entity ${entity} was given for slot ${slot}, which it does not stand for`,
      );
  }

  /** Ends an entity, whoever's it is. */
  end(entity: number): void {
    this.own.delete(entity);
    this.#do('end', () => this.#parts.bitecs.removeEntity(this.#parts.ecs, entity));
  }

  #do(name: string, change: () => void): void {
    this.#count(name);
    this.#depth++;
    try {
      change();
    } finally {
      this.#depth--;
    }
  }

  #count(name: string): void {
    this.done.set(name, (this.done.get(name) ?? 0) + 1);
  }

  #pick(entities: readonly number[]): number {
    return entities[Math.floor(this.random() * entities.length)] ?? 0;
  }

  #endOne(entities: readonly number[]): void {
    const entity = this.#pick(entities);
    if (entity) this.end(entity);
  }

  /** Puts components on an entity that stands for a placement. */
  #dress(entity: number): void {
    if (!entity || this.own.has(entity)) return;
    const { StreamRequest, Pinned } = this.#parts.streaming.components;
    const { addComponent, set } = this.#parts.bitecs;
    this.#do('dress', () => {
      addComponent(this.#parts.ecs, entity, set(StreamRequest, { asset: 'asset-3' }));
      if (this.random() < 0.5 && this.#parts.bitecs.entityExists(this.#parts.ecs, entity))
        addComponent(this.#parts.ecs, entity, Pinned);
    });
  }

  #undress(entity: number): void {
    if (!entity) return;
    const { StreamRequest } = this.#parts.streaming.components;
    this.own.get(entity)?.components.delete(StreamRequest);
    this.#do('undress', () =>
      this.#parts.bitecs.removeComponent(this.#parts.ecs, entity, StreamRequest),
    );
  }

  /** Takes Placement off: from then on the entity is the game's. */
  #adopt(entity: number): void {
    if (!entity || this.own.has(entity)) return;
    const { Placement, Transform, Resident, StreamFailed } = this.#parts.streaming.components;
    const { removeComponent, addComponent, getEntityComponents } = this.#parts.bitecs;
    this.#do('adopt', () => {
      const own: Own = {
        token: ++this.#tokens,
        x: Transform.position[entity * 3]!,
        components: new Set(),
      };
      this.own.set(entity, own);
      removeComponent(this.#parts.ecs, entity, Placement);
      if (this.own.get(entity) !== own) return;
      addComponent(this.#parts.ecs, entity, this.Mark);
      this.Mark.token[entity] = own.token;
      for (const component of getEntityComponents(this.#parts.ecs, entity))
        if (component !== Resident && component !== StreamFailed) own.components.add(component);
    });
  }

  /** Removes while it iterates, as games do. */
  #sweepUp(): void {
    const { Placement, Transform } = this.#parts.streaming.components;
    for (const entity of [...this.#parts.bitecs.query(this.#parts.ecs, [Placement, Transform])])
      if (this.random() < 0.1 && this.#parts.bitecs.entityExists(this.#parts.ecs, entity))
        this.end(entity);
  }

  #observe(): void {
    const { observe, onAdd, onRemove, onSet, Not } = this.#parts.bitecs;
    const { Placement, Transform, Resident } = this.#parts.streaming.components;
    observe(this.#parts.ecs, onAdd(Transform), (entity: number) =>
      this.#hear('making', entity, 0.02),
    );
    observe(this.#parts.ecs, onSet(Transform), (entity: number) =>
      this.#hear('data', entity, 0.02),
    );
    observe(this.#parts.ecs, onAdd(Placement), (entity: number) => {
      this.#checkWhole(entity);
      this.#hear('made', entity, 0.06);
    });
    observe(this.#parts.ecs, onAdd(Resident), (entity: number) =>
      this.#hear('resident', entity, 0.1),
    );
    observe(this.#parts.ecs, onRemove(Resident), (entity: number) =>
      this.#hear('gone', entity, 0.15),
    );
    observe(this.#parts.ecs, onRemove(Placement), () => this.#react('ended'));
    // A query that every entity enters when it is made.
    observe(this.#parts.ecs, onAdd(Not(this.Mark)), () => undefined);
  }

  /** In the midst of a change of the streaming's: ends the entity that it is told of, at times. */
  #hear(what: string, entity: number, share: number): void {
    // An entity that is going already must not be ended again: bitECS then takes whoever has its id.
    const isGoing =
      what === 'gone' &&
      this.#parts.bitecs.hasComponent(
        this.#parts.ecs,
        entity,
        this.#parts.streaming.components.Resident,
      );
    if (this.isCalm || this.#depth > 0 || isGoing || this.random() > share) {
      this.#react(what);
      return;
    }
    this.#count(`end when ${what}`);
    this.end(entity);
    // Ids are recycled at once: this one is most likely the same.
    if (this.random() < 0.7) this.spawn();
    if (this.random() < 0.2) this.ask();
  }

  #react(what: string): void {
    if (this.isCalm || this.#depth > 0) return;
    const chance = this.random();
    if (chance < 0.02) this.spawn();
    else if (chance < 0.04) this.ask();
    else if (chance < 0.05) this.#endOne([...this.own.keys()]);
    else if (chance < 0.08) {
      this.#count(`throw when ${what}`);
      throw new RangeError('by chance');
    }
  }

  /** Whoever hears of a placement finds everything that belongs to it. */
  #checkWhole(entity: number): void {
    const { Placement, Transform } = this.#parts.streaming.components;
    const slot = this.#parts.streaming.slotOfEntity(entity);
    const x = Transform.position[entity * 3]!;
    if (slot < 0 || Placement.slot[entity] !== slot || x !== this.#parts.xOfSlot(slot))
      this.problems.push(`entity ${entity} came with slot ${Placement.slot[entity]} at x ${x}`);
  }

  /** What is the game's own is as the game left it. */
  checkOwn(): void {
    const { Transform, Resident, StreamFailed, Placement } = this.#parts.streaming.components;
    const { entityExists, hasComponent, getEntityComponents } = this.#parts.bitecs;
    for (const [entity, own] of this.own) {
      if (!entityExists(this.#parts.ecs, entity)) {
        this.problems.push(`entity ${entity} of the game is gone`);
        continue;
      }
      const listed = new Set<object>(getEntityComponents(this.#parts.ecs, entity));
      for (const tag of [Resident, StreamFailed])
        if (listed.delete(tag) !== hasComponent(this.#parts.ecs, entity, tag))
          this.problems.push(`entity ${entity}: a tag is listed and not carried, or the other way`);
      const isSame =
        listed.size === own.components.size && [...own.components].every((c) => listed.has(c));
      if (!isSame)
        this.problems.push(
          `entity ${entity} carries ${listed.size} components, not ${own.components.size}`,
        );
      if (hasComponent(this.#parts.ecs, entity, Placement))
        this.problems.push(`entity ${entity} has a Placement`);
      if (this.Mark.token[entity] !== own.token || Transform.position[entity * 3] !== own.x)
        this.problems.push(`entity ${entity} was written to`);
    }
  }
}
