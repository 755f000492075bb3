/**
 * Counts structural changes from outside: wraps the functions of bitECS that make them, for whoever
 * imports them. Knows nothing of what the streaming counts itself. Only counts what took place.
 */
type Bitecs = typeof import('bitecs');

export const opCount = { total: 0 };

export function countingOps(real: Bitecs): Bitecs {
  const { hasComponent, entityExists } = real;
  const counted: Bitecs = {
    ...real,
    addEntity(world, ...components) {
      opCount.total++;
      const entity = real.addEntity(world);
      for (const component of components) counted.addComponent(world, entity, component);
      return entity;
    },
    addComponent(world, entity, given) {
      const component = 'component' in given ? given.component : given;
      if (!hasComponent(world, entity, component)) opCount.total++;
      return real.addComponent(world, entity, given);
    },
    addComponents(
      world: Parameters<Bitecs['addComponent']>[0],
      entity: number,
      ...given: unknown[]
    ) {
      for (const one of given.flat()) counted.addComponent(world, entity, one);
    },
    removeComponent(world, entity, ...components) {
      for (const component of components)
        if (hasComponent(world, entity, component)) opCount.total++;
      real.removeComponent(world, entity, ...components);
    },
    removeEntity(world, entity) {
      const was = entityExists(world, entity);
      try {
        real.removeEntity(world, entity);
      } finally {
        // Where an observer throws, it is still there.
        if (was && !entityExists(world, entity)) opCount.total++;
      }
    },
  };
  counted.removeComponents = counted.removeComponent;
  return counted;
}
