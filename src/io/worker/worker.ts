/**
 * The worker: one file for browser module workers and Node's worker threads, and for both roles.
 * What it is asked for decides whether it decodes payloads or owns the connections.
 */
import { openPort } from './port.ts';
import { serveDecode } from './serve-decode.ts';
import { serveReads } from './serve-reads.ts';

const port = openPort();
const decode = serveDecode(port);
const read = serveReads(port);

port.listen((message) => {
  if (message.type === 'stop')
    void Promise.all([decode.stop(), read.stop()]).then(() => port.post({ type: 'stopped' }));
  else if (message.type === 'read') read.take(message);
  else decode.take(message);
});
port.post({ type: 'ready' });
