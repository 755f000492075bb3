/** Every reader that is fuzzed. */
import { bundleSubjects } from './bundle-subjects.ts';
import { customSubject } from './custom-subject.ts';
import { fileSubjects } from './file-subjects.ts';
import type { FuzzSubject } from './subject.ts';
import { textureSubject } from './texture-subjects.ts';

/** @param folder for files that a reader takes by name; the caller removes it */
export async function allSubjects(folder: string): Promise<FuzzSubject[]> {
  return [
    ...(await bundleSubjects()),
    customSubject(),
    await textureSubject(),
    ...(await fileSubjects(folder)),
  ];
}
