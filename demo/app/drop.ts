/** Takes files that somebody drops on the page: one zip file, a folder, or the files of one. */

/** Calls back with all files of a drop, those of folders included; failures go to `onError`. */
export function listenForDrops(
  target: HTMLElement,
  onFiles: (files: File[]) => void,
  onError: (error: unknown) => void,
): void {
  target.addEventListener('dragover', (event) => event.preventDefault());
  target.addEventListener('drop', (event) => {
    event.preventDefault();
    const items = [...(event.dataTransfer?.items ?? [])];
    // The entries are gone as soon as this handler returns: all are taken now.
    const lists = items.map((item): File[] | Promise<File[]> => {
      const entry = item.webkitGetAsEntry();
      const file = entry ? null : item.getAsFile();
      return entry ? listFiles(entry) : file ? [file] : [];
    });
    Promise.all(lists).then((all) => onFiles(all.flat()), onError);
  });
}

async function listFiles(entry: FileSystemEntry): Promise<File[]> {
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) =>
      (entry as FileSystemFileEntry).file(resolve, reject),
    );
    // Only a picker fills this in; a dropped file must say by itself which folder it is from.
    Object.defineProperty(file, 'webkitRelativePath', { value: entry.fullPath.slice(1) });
    return [file];
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader();
  const files: File[] = [];
  for (;;) {
    // A reader hands out a hundred entries at a time, and none at the end.
    const some = await new Promise<FileSystemEntry[]>((resolve, reject) =>
      reader.readEntries(resolve, reject),
    );
    if (some.length === 0) return files;
    for (const one of some) files.push(...(await listFiles(one)));
  }
}
