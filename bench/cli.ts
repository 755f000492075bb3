#!/usr/bin/env node
import { Command } from 'commander';
/**
 * The benchmarks, one command each: `npm run bench -- NAME [--json FILE] [--seed N] …`. Without a
 * name, or with an unknown one, it lists them and ends with an error.
 */
import { reasonOf } from '../src/base/errors.ts';
import { addBlocksCommand } from './blocks/blocks.ts';
import { addDecodeCommand } from './decode/decode.ts';
import { addFlythroughCommand } from './flythrough/flythrough.ts';
import { addFrameCommand } from './frame/frame.ts';
import { addPeersCommand } from './frame/peers.ts';
import { addIoCommand } from './io/io.ts';
import { addThreadsCommand } from './io/threads.ts';
import { addLayoutCommand } from './layout/layout.ts';
import { addLevelsCommand } from './levels/levels.ts';
import { addMemoryCommand } from './memory/memory.ts';
import { addSpatialCommand } from './spatial/spatial.ts';
import { addTracesCommand } from './traces/traces.ts';

const program = new Command('npm run bench --')
  .usage('NAME [options]')
  .showHelpAfterError()
  .helpCommand(false)
  .argument('[name]')
  .action((name: string | undefined) => {
    const names = program.commands.map((command) => command.name()).join(', ');
    program.error(
      name === undefined
        ? `error: name a benchmark: ${names}`
        : `error: there is no benchmark "${name}"; expected one of: ${names}`,
    );
  });

addBlocksCommand(program);
addFrameCommand(program);
addFlythroughCommand(program);
addPeersCommand(program);
addIoCommand(program);
addDecodeCommand(program);
addLayoutCommand(program);
addLevelsCommand(program);
addMemoryCommand(program);
addSpatialCommand(program);
addThreadsCommand(program);
addTracesCommand(program);

try {
  await program.parseAsync();
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`);
  process.exitCode = 1;
}
