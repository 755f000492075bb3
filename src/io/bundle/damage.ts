/** The errors of a bundle that cannot be used: damaged, or of a version that came later. */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { FORMAT_VERSION } from './format.ts';

/** A catalog that cannot be true. */
export function damaged(what: string): StreamError {
  return new StreamError(ErrorCode.Decode, `damaged catalog: ${what}; cook the world again`);
}

/** A file of a version that this reader does not know. */
export function newerVersion(what: string, version: number): StreamError {
  return new StreamError(
    ErrorCode.Decode,
    `the ${what} has format version ${version}, the newest this farfield can read is ` +
      `${FORMAT_VERSION}; use a newer farfield, or cook the world again with this one`,
  );
}
