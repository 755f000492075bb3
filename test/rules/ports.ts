/**
 * Time and chance come from ports: with the manual clock and a seed, a run is a pure function of
 * both. Only the ports themselves, the far side of the worker boundary and the view may ask the
 * machine.
 */
import { codeOnly, lineAt, type Sources } from './source-text.ts';

const ALLOWED = ['src/base/clock.ts', 'src/base/random.ts', 'src/io/worker/', 'src/render/'];

const BANNED: readonly [RegExp, string][] = [
  [/\bDate\s*\.\s*now\b/g, 'Date.now'],
  [/\bnew\s+Date\b/g, 'new Date'],
  [/(?<![.\w])performance\b(?!\s*[?:])/g, 'performance'],
  [/\bMath\s*\.\s*random\b/g, 'Math.random'],
  [/\bcrypto\s*\.\s*(?:getRandomValues|randomUUID)\b/g, 'crypto'],
  [/(?<![.\w])setTimeout\b/g, 'setTimeout'],
  [/(?<![.\w])setInterval\b/g, 'setInterval'],
  [/(?<![.\w])setImmediate\b/g, 'setImmediate'],
  [
    /\bglobalThis\s*\.\s*(?:setTimeout|setInterval|setImmediate|performance)\b/g,
    'globalThis timers',
  ],
  [/(?<![.\w])requestAnimationFrame\b/g, 'requestAnimationFrame'],
  [/\bAbortSignal\s*\.\s*timeout\b/g, 'AbortSignal.timeout'],
];

/** Every use of the machine's time or chance in src outside the ports, as `path:line: what`. */
export function findPortBypasses(sources: Sources): string[] {
  const found: string[] = [];
  for (const [path, source] of sources) {
    if (!path.startsWith('src/') || ALLOWED.some((allowed) => path.startsWith(allowed))) continue;
    const code = codeOnly(source);
    for (const [pattern, name] of BANNED)
      for (const match of code.matchAll(pattern))
        found.push(
          `${path}:${lineAt(code, match.index)}: ${name}; take it from base/clock.ts or base/random.ts`,
        );
  }
  return found;
}
