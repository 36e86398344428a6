#!/usr/bin/env node
// CommonJS on purpose: the thread pool reads its size at its first use, and loading an ES module is one already.
// Two threads more than the hash gate ever takes stay free for files, names and signatures.
const { availableParallelism } = process.getBuiltinModule('node:os');
process.env['UV_THREADPOOL_SIZE'] ??= String(Math.max(4, availableParallelism() + 2));

if (process.argv[2] === 'keys') void import('./keys.ts');
else void import('./main.ts');
