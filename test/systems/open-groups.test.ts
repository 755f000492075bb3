/** What stands in the open is kept while its layer is there, and only then. */
import { expect, test } from 'vitest';
import { drain } from '../../src/base/steps.ts';
import { NO_LAYER } from '../../src/io/bundle/format.ts';
import { enterGroup, leaveGroup } from '../../src/systems/open-groups.ts';
import { fillPlainPayload, makeStreamWorld } from '../support/stream-world.ts';

function makeGroups(budgetBytes: number) {
  const world = makeStreamWorld(budgetBytes);
  drain(world.payloads.reserve(4));
  world.payloads.append(4);
  for (let row = 0; row < 4; row++) fillPlainPayload(world, row, 100);
  const group = (layer: number, assets: number[]) => ({
    layer,
    isProxy: false,
    assets,
    isIn: false,
    kept: 0,
  });
  const { pins, kept } = world.payloads.columns;
  const held = () => [[...kept.subarray(0, 4)], [...pins.subarray(0, 4)], world.keptBytes];
  return { world, plain: group(NO_LAYER, [0, 1]), winter: group(0, [1, 2]), held };
}

test('an asset of two groups is kept until the last of them has gone, and counted once', () => {
  const { world, plain, winter, held } = makeGroups(10_000);
  drain(enterGroup(world, plain));
  drain(enterGroup(world, winter));
  expect(held()).toEqual([[1, 2, 1, 0], [1, 2, 1, 0], 300]);
  expect([...world.assets.openUses.subarray(0, 4)]).toEqual([1, 2, 1, 0]);
  leaveGroup(world, plain);
  expect(held()).toEqual([[0, 1, 1, 0], [0, 1, 1, 0], 200]);
  leaveGroup(world, winter);
  expect(held()).toEqual([[0, 0, 0, 0], [0, 0, 0, 0], 0]);
  expect([...world.assets.openUses.subarray(0, 4)]).toEqual([0, 0, 0, 0]);
});

test('a group that is too large together with the others is not kept; the others are', () => {
  const { world, plain, winter, held } = makeGroups(800);
  drain(enterGroup(world, plain));
  drain(enterGroup(world, winter));
  expect(held()).toEqual([[1, 1, 0, 0], [1, 1, 0, 0], 200]);
  expect(winter).toMatchObject({ isIn: true, kept: 0 });
  leaveGroup(world, winter);
  expect(held()).toEqual([[1, 1, 0, 0], [1, 1, 0, 0], 200]);
});
