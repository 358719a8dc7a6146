const { logAll } = require('./log-all.cjs');

logAll({ pino: require('pino'), winston: require('winston') });
