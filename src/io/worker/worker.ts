/**
 * The worker: one file for browser module workers and Node's worker threads, and for both roles.
 * Its first message decides whether it decodes payloads or owns the connections.
 */
import { openPort } from './port.ts';
import { serveDecode } from './serve-decode.ts';

const port = openPort();
port.listen(serveDecode(port));
port.post({ type: 'ready' });
