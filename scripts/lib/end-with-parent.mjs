// Loaded before a program that `npm start` runs: asks it to end, in order, when `npm start` is gone in whatever way.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
