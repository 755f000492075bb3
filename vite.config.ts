import { defineConfig, type UserConfig } from 'vite';

/** Serves and builds the demo. Workers are modules, as the package ships them. */
const config: UserConfig = defineConfig({
  root: 'demo',
  base: './',
  worker: { format: 'es' },
  build: { target: 'es2023', outDir: '../demo-dist', emptyOutDir: true },
});

export default config;
