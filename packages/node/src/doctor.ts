import type { DoctorOptions } from './doctor/options.ts';
import type { Report } from './doctor/report.ts';

// A service that never asks does not load it.

/**
 * Looks for what keeps a trace from being whole. Sends a marked probe through every hop that is given, or that the
 * environment tells of, and says which context came back; tries every exporter for real; compares the clock with the
 * receiver's; says which sampler and propagators are in force, and which versions do not go together. Never rejects
 * because of what it finds. What it sends has the attribute and the baggage `throughline.probe`.
 */
export async function doctor(options?: DoctorOptions): Promise<Report> {
  return (await import('./doctor/doctor.ts')).doctor(options);
}

/** The command `throughline doctor` with these arguments; resolves with the status to exit with. */
export async function doctorCommand(
  args: readonly string[],
  write: (text: string) => void = (text) => process.stdout.write(text),
): Promise<number> {
  return (await import('./doctor/command.ts')).doctorCommand(args, write);
}
