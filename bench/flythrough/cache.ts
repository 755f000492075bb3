/**
 * Keeps what the references came to in `.farfield/flythrough`, each under a hash of the code that flew
 * it, of Node's version and of the scenario: nothing else decides it.
 */
import { createHash } from 'node:crypto';
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  writeFileSync,
} from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { repositoryRoot } from '../../test/support/page-server.ts';
import type { Figures } from './referee.ts';
import type { ReferenceName } from './references/references.ts';
import type { Scenario } from './scenario.ts';

const folder = join(repositoryRoot, '.farfield', 'flythrough');
const code = fileURLToPath(new URL('.', import.meta.url));

export class FigureCache {
  private readonly codeHash: string;
  /** False reads nothing, and writes all the same. */
  private readonly reads: boolean;

  constructor(reads: boolean) {
    this.reads = reads;
    this.codeHash = hashCode();
  }

  get(scenario: Scenario, reference: ReferenceName): Figures | null {
    const file = this.fileOf(scenario, reference);
    if (!this.reads || !existsSync(file)) return null;
    return JSON.parse(readFileSync(file, 'utf8')) as Figures;
  }

  set(scenario: Scenario, reference: ReferenceName, figures: Figures): void {
    mkdirSync(folder, { recursive: true });
    const file = this.fileOf(scenario, reference);
    // Moved into place whole, so that an interrupted run leaves nothing that looks like figures.
    const draft = `${file}.${process.pid}`;
    writeFileSync(draft, JSON.stringify(figures));
    renameSync(draft, file);
  }

  private fileOf({ id: _, ...scenario }: Scenario, reference: ReferenceName): string {
    const key = createHash('sha256')
      .update(JSON.stringify([this.codeHash, process.versions.node, scenario, reference]))
      .digest('hex');
    return join(folder, `${reference}-${key.slice(0, 24)}.json`);
  }
}

/** Of every compiled file here but the plugin's, which no reference knows. */
function hashCode(): string {
  const hash = createHash('sha256');
  const names = readdirSync(code, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.js') && !name.startsWith('plugin'))
    .sort();
  for (const name of names) hash.update(`${name}\0`).update(readFileSync(join(code, name)));
  return hash.digest('hex');
}
