/** Content whose kind a test knows. */
import { isCustom, type MeshContent, type PayloadContent } from '../../src/io/content.ts';

/** Throws unless it is a mesh. */
export function meshOf(content: PayloadContent | null | undefined): MeshContent {
  if (!content || isCustom(content)) throw new Error('expected the content of a mesh');
  return content;
}
