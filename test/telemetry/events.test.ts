import { describe, expect, it } from 'vitest';
import { EventBus } from '../../src/telemetry/events.ts';
import { Ring } from '../../src/telemetry/ring.ts';

describe('EventBus', () => {
  it('delivers in order, at one point, and not after a listener has left', () => {
    const bus = new EventBus();
    const heard: string[] = [];
    const leave = bus.on('warning', ({ message }) => heard.push(message));
    bus.emit('warning', { message: 'a' });
    bus.emit('warning', { message: 'b' });
    expect(heard).toEqual([]);
    bus.deliver();
    expect(heard).toEqual(['a', 'b']);
    leave();
    bus.emit('warning', { message: 'c' });
    bus.deliver();
    expect(heard).toEqual(['a', 'b']);
    expect(bus.listenerCount).toBe(0);
  });

  it('contains a listener that throws: others hear the event, the failure is an event', () => {
    const bus = new EventBus();
    const heard: string[] = [];
    bus.on('warning', () => {
      throw new Error('broken');
    });
    bus.on('warning', ({ message }) => heard.push(message));
    bus.on('listenerFailed', ({ event, error }) => heard.push(`${event}: ${error}`));
    bus.emit('warning', { message: 'a' });
    bus.deliver();
    bus.deliver();
    expect(heard).toEqual(['a', 'warning: Error: broken']);
  });

  it('hands what nobody hears to the reporter', () => {
    const bus = new EventBus();
    const unheard: string[] = [];
    bus.unheard = (name) => unheard.push(name);
    bus.emit('warning', { message: 'a' });
    bus.deliver();
    expect(unheard).toEqual(['warning']);
  });
});

describe('Ring', () => {
  it('keeps the last samples and knows their percentiles', () => {
    const ring = new Ring(100);
    for (let i = 1; i <= 250; i++) ring.record(i);
    const { count, min, max, median, p99, mean } = ring.summary();
    expect({ count, min, max, median, p99, mean }).toEqual({
      count: 100,
      min: 151,
      max: 250,
      median: 201,
      p99: 250,
      mean: 200.5,
    });
    expect(ring.last).toBe(250);
    expect(new Ring(4).summary().count).toBe(0);
  });
});
