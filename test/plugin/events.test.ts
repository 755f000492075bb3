/** When listeners are told: at one point of the frame, in the order in which things happened. */
import { addComponents, addEntity, set } from 'bitecs';
import { afterEach, expect, it } from 'vitest';
import { endAll, start } from '../support/lod-world.ts';

afterEach(endAll);

it('all events of a frame come at the end of commit, in order', async () => {
  const simulation = await start({}, { metrics: { targets: { frameMs: null } } });
  const { streaming, ecs } = simulation;
  let phase = 'outside';
  const heard: string[] = [];
  const hear = (what: string): void => void heard.push(`${phase}: ${what}`);
  streaming.on('invalidData', ({ component }) => hear(`invalid ${component}`));
  streaming.on('qualityChanged', ({ level, to }) => hear(`${level || 'all'} ${to}`));
  streaming.on('performanceWarning', ({ metric, state }) => hear(`${metric} ${state}`));
  streaming.on('listenerFailed', ({ event }) => hear(`${event} failed`));
  streaming.on('qualityChanged', () => {
    throw new Error('broken');
  });
  // Before the frame, in update, and in commit.
  const { StreamRequest } = streaming.components;
  addComponents(ecs, addEntity(ecs), set(StreamRequest, { asset: 3 as never }));
  streaming.setQuality('low');
  streaming.setLevelQuality('town', 'minimal');
  streaming.setMetricTarget('memoryBytes', { warning: 1 });
  const frame = (): void => {
    phase = 'begin';
    streaming.begin();
    phase = 'update';
    streaming.update(1 / 60);
    phase = 'commit';
    streaming.commit();
    phase = 'outside';
  };
  frame();
  expect(heard).toEqual([
    'commit: invalid StreamRequest',
    'commit: all low',
    'commit: town minimal',
  ]);
  heard.length = 0;
  // What listeners cause comes with the next frame; memory is over its target for long enough then.
  frame();
  expect(heard).toEqual(['commit: qualityChanged failed', 'commit: qualityChanged failed']);
  heard.length = 0;
  for (let i = 0; i < 300; i++) {
    simulation.clock.advance(16);
    frame();
  }
  expect(heard).toEqual(['commit: memoryBytes warning']);
});
