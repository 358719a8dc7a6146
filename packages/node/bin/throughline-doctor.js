#!/usr/bin/env node
import { doctorCommand } from '../dist/node.cjs';

const status = await doctorCommand(process.argv.slice(2));
// A connection that nobody answers would keep it for minutes after its report.
process.stdout.write('', () => process.exit(status));
