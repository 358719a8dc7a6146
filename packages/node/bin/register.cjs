'use strict';
require('../dist/node.cjs').start();
