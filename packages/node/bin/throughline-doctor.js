#!/usr/bin/env node
import { doctorCommand } from '../dist/index.js';

process.exitCode = await doctorCommand(process.argv.slice(2));
