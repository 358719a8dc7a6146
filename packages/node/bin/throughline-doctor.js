#!/usr/bin/env node
import { doctorCommand } from '../dist/node.cjs';

process.exitCode = await doctorCommand(process.argv.slice(2));
