/** Data layers: `winter` is there while that layer is on, `!winter` while it is off. */
import { NO_LAYER, WHILE_OFF } from '../src/io/bundle/format.ts';
import { CookError } from './errors.ts';

/** Collects the layers that are named, in order of first use. */
export class LayerList {
  readonly names: string[] = [];

  /** As in the catalog. Throws `CookError` that begins with `where` when it is no layer's name. */
  pack(text: string, where: string): number {
    const isOff = text.startsWith('!');
    const name = isOff ? text.slice(1) : text;
    if (name === '' || name.startsWith('!') || name !== name.trim())
      throw new CookError(
        `${where}: layer is "${text}", expected a name, or a name after one ! (while it is off)`,
      );
    const known = this.names.indexOf(name);
    const row = known >= 0 ? known : this.names.push(name) - 1;
    if (row >= WHILE_OFF - 1)
      throw new CookError(`${where}: more than ${WHILE_OFF - 1} layers are named`);
    return isOff ? row | WHILE_OFF : row;
  }
}

/** The name of a packed layer, with `!` where it is there while that is off; '' for none. */
export function layerText(layer: number, names: readonly string[]): string {
  if (layer === NO_LAYER) return '';
  const name = names[layer & ~WHILE_OFF]!;
  return layer & WHILE_OFF ? `!${name}` : name;
}
