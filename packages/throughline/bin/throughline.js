#!/usr/bin/env node
// Here and executable before anything is built, so that npm links it when it installs the repository.
import '../dist/main.js';
