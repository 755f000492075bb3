/** Every reader that is fuzzed. */
import { bundleSubjects } from './bundle-subjects.ts';
import { fileSubjects } from './file-subjects.ts';
import type { FuzzSubject } from './subject.ts';

/** @param folder for files that a reader takes by name; the caller removes it */
export async function allSubjects(folder: string): Promise<FuzzSubject[]> {
  return [...(await bundleSubjects()), ...(await fileSubjects(folder))];
}
