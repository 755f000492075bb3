/** The package has no types of its own. Its modules are handed on unopened. */
declare module 'draco3d' {
  const draco3d: {
    createDecoderModule(options?: object): Promise<object>;
    createEncoderModule(options?: object): Promise<object>;
  };
  export default draco3d;
}
