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

  it('lets listeners begin and end while they are told, themselves and others', () => {
    const bus = new EventBus();
    const heard: string[] = [];
    const leaveFirst = bus.on('warning', ({ message }) => {
      heard.push(`first ${message}`);
      leaveFirst();
      leaveLast();
      bus.on('warning', (event) => heard.push(`new ${event.message}`));
    });
    bus.on('warning', ({ message }) => heard.push(`second ${message}`));
    const leaveLast = bus.on('warning', ({ message }) => heard.push(`last ${message}`));
    bus.emit('warning', { message: 'a' });
    bus.emit('warning', { message: 'b' });
    bus.deliver();
    expect(heard).toEqual(['first a', 'second a', 'second b', 'new b']);
    expect(bus.listenerCount).toBe(2);
  });

  it('ends where a listener replaces itself each time it is told', () => {
    const bus = new EventBus();
    let told = 0;
    const listen = (): void => {
      const leave = bus.on('warning', () => {
        told++;
        leave();
        listen();
      });
    };
    listen();
    for (const message of ['a', 'b', 'c']) bus.emit('warning', { message });
    bus.deliver();
    expect([told, bus.listenerCount]).toEqual([3, 1]);
  });

  it('keeps what listeners cause for the next delivery, also when they ask for it at once', () => {
    const bus = new EventBus();
    const heard: string[] = [];
    bus.on('warning', ({ message }) => {
      heard.push(message);
      if (message !== 'a') return;
      bus.emit('warning', { message: 'of a' });
      bus.deliver();
    });
    bus.emit('warning', { message: 'a' });
    bus.emit('warning', { message: 'b' });
    bus.deliver();
    expect(heard).toEqual(['a', 'b']);
    bus.deliver();
    expect(heard).toEqual(['a', 'b', 'of a']);
  });

  it('tells a function twice that listens twice, and ends one of both', () => {
    const bus = new EventBus();
    const heard: string[] = [];
    const listener = ({ message }: { message: string }): void => void heard.push(message);
    const leave = bus.on('warning', listener);
    bus.on('warning', listener);
    bus.emit('warning', { message: 'a' });
    bus.deliver();
    leave();
    leave();
    bus.emit('warning', { message: 'b' });
    bus.deliver();
    expect(heard).toEqual(['a', 'a', 'b']);
  });

  it('does not loop when a listener of failures fails, and refuses what is no function', () => {
    const bus = new EventBus();
    let told = 0;
    bus.on('listenerFailed', () => {
      told++;
      throw new Error('broken too');
    });
    bus.on('warning', () => {
      throw new Error('broken');
    });
    bus.emit('warning', { message: 'a' });
    for (let i = 0; i < 5; i++) bus.deliver();
    expect(told).toBe(1);
    expect(() => bus.on('warning', 'log' as never)).toThrow(
      /on\("warning"\): expected a function, got "log"/,
    );
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
