#!/usr/bin/env -S node --single-threaded-gc
// Here and executable before anything is built, so that npm links it when it installs the repository.
//
// The heap is small, and collected often because of the bytes that pass by outside it: V8's helper threads cost more
// than they save (a fifth of the process's CPU time under load, benchmark `ingest`).
import '../dist/main.js';
