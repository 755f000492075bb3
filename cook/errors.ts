/** What a person did wrong, or what is wrong with a file: one message, shown without a stack. */
export class CookError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'CookError';
  }
}
