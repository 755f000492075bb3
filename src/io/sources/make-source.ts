/** Sources made from plain data: how a worker gets the same source that the page was given. */
import { assert, describe } from '../../base/assert.ts';
import { type CachedOptions, cached } from '../cache/cached.ts';
import { makeCachePlace } from '../cache/places.ts';
import type { Source, SourceDescriptor } from '../source.ts';
import { type BlobFiles, blobSource } from './blob.ts';
import { type GivenEnv, type SourceEnv, sourceEnv } from './env.ts';
import { type HttpSettings, httpSource } from './http.ts';
import { mirrored } from './mirrors.ts';
import { type ZipSourceOptions, zipSource } from './zip.ts';

/** Makes the source that a descriptor of its kind describes. */
export type SourceFactory = (descriptor: SourceDescriptor, env: SourceEnv) => Source;

/** By `SourceDescriptor.kind`. */
const FACTORIES: Readonly<Record<string, SourceFactory>> = {
  blob: ({ files }) => blobSource(files as BlobFiles),
  cached: ({ inner, store, options }, env) =>
    cached(makeSource(inner as SourceDescriptor, env), makeCachePlace(store as SourceDescriptor), {
      ...(options as CachedOptions),
      ...env,
    }),
  http: ({ baseUrl, options }, env) =>
    httpSource(baseUrl as string, { ...(options as HttpSettings), ...env }),
  mirrors: ({ sources }, env) =>
    mirrored(
      (sources as SourceDescriptor[]).map((one) => makeSource(one, env)),
      env,
    ),
  zip: ({ inner, file, options }, env) =>
    zipSource(
      makeSource(inner as SourceDescriptor, env),
      file as string,
      options as ZipSourceOptions,
    ),
};

/**
 * The source that `descriptor` describes, in this thread. Throws on a kind that is not known here.
 *
 * @param given the ports it shall use; default: this thread's own
 */
export function makeSource(descriptor: SourceDescriptor, given: GivenEnv = {}): Source {
  const factory = Object.hasOwn(FACTORIES, descriptor.kind)
    ? FACTORIES[descriptor.kind]
    : undefined;
  assert(
    factory,
    `there is no source of kind ${describe(descriptor.kind)}; ` +
      `expected one of ${Object.keys(FACTORIES).join(', ')}`,
  );
  // With ports of this thread it would not say how it was made.
  return Object.assign(factory(descriptor, sourceEnv(given)), { descriptor });
}
