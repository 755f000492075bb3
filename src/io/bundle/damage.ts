/** The errors of a bundle that cannot be used: damaged, or of another version. */
import { ErrorCode, StreamError } from '../../base/errors.ts';
import { FORMAT_VERSION } from './format.ts';

/** A catalog that cannot be true. */
export function damaged(what: string): StreamError {
  return new StreamError(ErrorCode.Decode, `damaged catalog: ${what}; cook the world again`);
}

/** A file of a version that this reader does not read: a newer one, or one that is outdated. */
export function otherVersion(what: string, version: number): StreamError {
  if (version < FORMAT_VERSION)
    return new StreamError(
      ErrorCode.Decode,
      `the ${what} has format version ${version}, this farfield reads version ` +
        `${FORMAT_VERSION}; cook the world again`,
    );
  return new StreamError(
    ErrorCode.Decode,
    `the ${what} has format version ${version}, the newest this farfield can read is ` +
      `${FORMAT_VERSION}; use a newer farfield, or cook the world again with this one`,
  );
}
