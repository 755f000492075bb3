/** What the server of the io benchmark writes down about every request, and what follows from it. */
import { round } from '../lib/stats.ts';

/** One request. Times are milliseconds since 1970, the same clock for server and clients. */
export interface LoggedRequest {
  /** The load it belongs to: the first folder of its path. */
  run: string;
  file: string;
  /** Bytes `[start, end)` of the file. */
  start: number;
  end: number;
  /** Number of its TCP connection. */
  connection: number;
  receivedMs: number;
  /** First and last byte given to the network; 0 where none was. */
  firstByteMs: number;
  lastByteMs: number;
  /** Bytes of the body that were sent. */
  bytes: number;
  /** Of these, the ones sent at `firstByteMs`. */
  firstBytes: number;
  /** The client closed the connection before the end. */
  isAborted: boolean;
}

/** Bytes per second at which one long answer was delivered. */
export function deliveryRate(request: LoggedRequest): number {
  const { bytes, firstBytes, firstByteMs, lastByteMs, isAborted } = request;
  const seconds = (lastByteMs - firstByteMs) / 1000;
  if (isAborted || !(seconds > 0) || bytes <= firstBytes)
    throw new Error(
      `bench: ${bytes} bytes in ${round(seconds)} s do not tell how fast the link is; send more`,
    );
  return (bytes - firstBytes) / seconds;
}

/** Requests that were open at `atMs`: received, and not yet answered to the end. */
export function openAt(log: readonly LoggedRequest[], atMs: number): LoggedRequest[] {
  return log.filter(({ receivedMs, lastByteMs }) => receivedMs <= atMs && lastByteMs > atMs);
}

/** Most requests open at one time. */
export function mostOpen(log: readonly LoggedRequest[]): number {
  return log.reduce((most, { receivedMs }) => Math.max(most, openAt(log, receivedMs).length), 0);
}

/** The log as lines of text, times from `originMs` on, one request a line, in order of arrival. */
export function formatLog(log: readonly LoggedRequest[], originMs: number): string[] {
  const ms = (time: number): string => (time - originMs).toFixed(1).padStart(8);
  return [...log]
    .sort((a, b) => a.receivedMs - b.receivedMs)
    .map(
      (r) =>
        `${ms(r.receivedMs)} ${ms(r.firstByteMs)} ${ms(r.lastByteMs)}  c${r.connection}`.padEnd(
          34,
        ) +
        `${r.bytes}`.padStart(9) +
        `  ${r.file} ${r.start}-${r.end}${r.isAborted ? ' aborted' : ''}`,
    );
}
