/** Failures that no listener hears go to the console: nothing is silently wrong. */
import type { EventName, StreamingEvents } from '../telemetry/events.ts';

export function reportUnheard(name: EventName, payload: StreamingEvents[EventName]): void {
  if (name === 'invalidData') {
    const { entity, message } = payload as StreamingEvents['invalidData'];
    console.error(`farfield: entity ${entity}: ${message}`);
  } else if (name === 'assetFailed') {
    console.error(`farfield: ${(payload as StreamingEvents['assetFailed']).message}`);
  } else if (name === 'levelFailed') {
    console.error(`farfield: ${(payload as StreamingEvents['levelFailed']).message}`);
  } else if (name === 'listenerFailed') {
    const { event, error } = payload as StreamingEvents['listenerFailed'];
    console.error(`farfield: a listener of "${event}" threw`, error);
  } else if (name === 'sourceUnavailable') {
    console.warn(`farfield: ${(payload as StreamingEvents['sourceUnavailable']).message}`);
  } else if (name === 'deviceMemoryChanged') {
    const { kind, budgetBytes } = payload as StreamingEvents['deviceMemoryChanged'];
    console.warn(`farfield: GPU memory: ${kind}; the budget is ${budgetBytes} bytes`);
  } else if (name === 'warning') {
    console.warn(`farfield: ${(payload as StreamingEvents['warning']).message}`);
  }
}
