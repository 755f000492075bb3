/** Origins that are left alone, devices without a network, and sources made from plain data. */
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { createManualClock } from '../../../src/base/clock.ts';
import { ErrorCode } from '../../../src/base/errors.ts';
import { createBreakers } from '../../../src/io/sources/breaker.ts';
import { deviceConnectivity, isLoopback } from '../../../src/io/sources/connectivity.ts';
import { httpSource } from '../../../src/io/sources/http.ts';
import { makeSource } from '../../../src/io/sources/make-source.ts';
import { memorySource } from '../../../src/io/sources/memory.ts';
import { mirrored } from '../../../src/io/sources/mirrors.ts';
import { type FaultServer, startFaultServer } from '../../support/fault-server.ts';
import { failureOf, switchedNetwork } from '../../support/sources.ts';

let server: FaultServer;
beforeAll(async () => {
  server = await startFaultServer();
  server.files.set('pack', new Uint8Array(100).fill(7));
});
afterAll(() => server.close());
beforeEach(() => {
  server.requests.length = 0;
  server.onRequest = () => undefined;
});

function makeSources() {
  const clock = createManualClock();
  const breakers = createBreakers(clock, () => 1, { failures: 3, openBaseMs: 1000 });
  const connectivity = switchedNetwork();
  const options = { clock, breakers, connectivity };
  const source = httpSource(server.url, options);
  const sibling = httpSource(`${server.origin}/elsewhere`, options);
  return { clock, connectivity, source, sibling };
}

describe('an origin that fails', () => {
  it('is left alone by all its sources, and taken up again after one probe', async () => {
    const { clock, source, sibling } = makeSources();
    const told: number[] = [];
    source.onAvailable!(() => told.push(clock.now()));
    server.onRequest = () => (_, response) => void response.writeHead(500).end();
    for (let i = 0; i < 3; i++)
      expect((await failureOf(source.read('pack', 0, 9))).code).toBe(ErrorCode.Server);
    const sent = server.requests.length;
    for (const refused of [source.read('pack', 0, 9), sibling.readAll('x')]) {
      const error = await failureOf(refused);
      expect([error.code, error.retryAfterMs]).toEqual([ErrorCode.Unavailable, 1000]);
      expect(error.message).toMatch(/fails too often and is left alone for 1000 ms/);
    }
    expect(server.requests.length).toBe(sent);
    clock.advance(1000);
    expect(told).toEqual([1000]);
    server.onRequest = () => undefined;
    const all = await Promise.allSettled([0, 1, 2].map((i) => source.read('pack', i, 9)));
    expect(all.map(({ status }) => status)).toEqual(['fulfilled', 'rejected', 'rejected']);
    expect(server.requests.length).toBe(sent + 1);
    expect(told).toEqual([1000, 1000]);
    await Promise.all([0, 1, 2].map((i) => source.read('pack', i, 9)));
  });

  it('is not one that says no, that is cut short, or whose reads are cancelled', async () => {
    const { source } = makeSources();
    for (let i = 0; i < 5; i++) {
      expect((await failureOf(source.read('missing', 0, 9))).code).toBe(ErrorCode.NotFound);
      expect((await failureOf(source.read('pack', 90, 200))).code).toBe(ErrorCode.ShortRead);
    }
    server.onRequest = () => () => undefined;
    for (let i = 0; i < 5; i++) {
      const controller = new AbortController();
      const reading = failureOf(source.read('pack', 0, 9, controller.signal));
      controller.abort();
      expect((await reading).code).toBe(ErrorCode.Cancelled);
    }
    server.onRequest = () => undefined;
    expect((await source.read('pack', 0, 9)).length).toBe(9);
  });
});

describe('a device without a network', () => {
  it('asks nobody, and goes on at once when it is back, whatever failed before', async () => {
    const { clock, connectivity, source } = makeSources();
    let told = 0;
    const stop = source.onAvailable!(() => told++);
    server.onRequest = () => (request) => request.socket.destroy();
    for (let i = 0; i < 3; i++)
      expect((await failureOf(source.read('pack', 0, 9))).code).toBe(ErrorCode.Network);
    connectivity.set(false);
    expect(told).toBe(0);
    const sent = server.requests.length;
    const error = await failureOf(source.read('pack', 0, 9));
    expect(error.code).toBe(ErrorCode.Unavailable);
    expect(error.message).toMatch(/the device is offline/);
    expect(error.retryAfterMs).toBeGreaterThan(0);
    expect(server.requests.length).toBe(sent);
    server.onRequest = () => undefined;
    connectivity.set(true);
    expect([told, clock.now()]).toEqual([1, 0]);
    expect((await source.read('pack', 0, 9)).length).toBe(9);
    stop();
    expect(connectivity.listenerCount).toBe(0);
  });

  it('does not hold against an origin what failed for want of a network', async () => {
    const { connectivity, source } = makeSources();
    // Nobody listens here: the next read must notice by itself.
    server.onRequest = () => (request) => {
      connectivity.set(false);
      request.socket.destroy();
    };
    for (let i = 0; i < 5; i++) {
      expect((await failureOf(source.read('pack', 0, 9))).code).toBe(ErrorCode.Network);
      connectivity.set(true);
    }
    server.onRequest = () => undefined;
    expect((await source.read('pack', 0, 9)).length).toBe(9);
  });

  it('is known from the browser, and taken for granted elsewhere', () => {
    const listeners = new Map<string, () => void>();
    const navigator = { onLine: true };
    let changes = 0;
    const connectivity = deviceConnectivity({
      navigator,
      addEventListener: (type, listener) => void listeners.set(type, listener),
      removeEventListener: (type) => void listeners.delete(type),
    });
    const stop = connectivity.onChange(() => changes++);
    navigator.onLine = false;
    listeners.get('offline')!();
    expect([connectivity.isOnline(), changes]).toEqual([false, 1]);
    stop();
    expect(listeners.size).toBe(0);
    expect(deviceConnectivity({}).isOnline()).toBe(true);
    expect(deviceConnectivity().isOnline()).toBe(true);
    deviceConnectivity({}).onChange(() => undefined)();
    const hosts = ['localhost', 'a.localhost', '127.0.0.1', '[::1]', 'example.org', '128.0.0.1'];
    expect(hosts.map(isLoopback)).toEqual([true, true, true, true, false, false]);
  });
});

describe('a source as plain data', () => {
  it('makes the same source elsewhere, mirrors too', async () => {
    const original = mirrored([
      httpSource(`${server.url}-missing`, { onWarning: () => undefined }),
      httpSource(server.url, { headers: { 'x-key': '7' }, stallTimeoutMs: 900 }),
    ]);
    const sent = structuredClone(original.descriptor!);
    expect(JSON.parse(JSON.stringify(sent))).toEqual(sent);
    const made = makeSource(sent, { breakers: null });
    expect([made.name, made.origin]).toEqual([original.name, original.origin]);
    expect(made.descriptor).toEqual(original.descriptor);
    expect((await made.read('pack', 0, 9)).length).toBe(9);
    expect(server.requests.at(-1)!.headers['x-key']).toBe('7');
  });

  it('is not there when one mirror cannot leave its thread, and must be of a kind that is known', () => {
    expect(mirrored([httpSource(server.url), memorySource({})]).descriptor).toBeUndefined();
    expect(() => makeSource({ kind: 'toString' })).toThrow(
      /no source of kind "toString"; expected one of .*http, mirrors/,
    );
  });
});
