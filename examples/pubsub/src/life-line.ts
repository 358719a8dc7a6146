// Loaded before a program that knows nothing of this example: it ends when whoever started it is gone.
process.once('disconnect', () => process.kill(process.pid, 'SIGTERM'));
process.channel?.unref();
