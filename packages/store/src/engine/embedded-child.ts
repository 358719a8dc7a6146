// The engine's process: ClickHouse out of libchdb, with its HTTP interface open on loopback.
//
// It runs `clickhouse local` on the data folder with two queries: the first opens the HTTP port, the second reads
// standard input to its end. So the process lives as long as its parent holds the pipe open, and ends by itself,
// cleanly, when the parent ends in whatever way.
import { DataType, isNullPointer, load, open } from 'ffi-rs';

// Ctrl-C reaches every process of a terminal; the parent alone decides when the engine ends.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

const [library, ...settings] = process.argv.slice(2);
open({ library: 'chdb', path: library! });
const queries = "SYSTEM START LISTEN HTTP; SELECT * FROM file('-', 'LineAsString', 's String') FORMAT Null";
// The first argument is the program's name, which also says which of ClickHouse's tools is meant.
const args = ['clickhouse', ...settings, `--query=${queries}`];
const result = load({
  library: 'chdb',
  funcName: 'chdb_query_cmdline',
  retType: DataType.External,
  paramsType: [DataType.I32, DataType.StringArray],
  paramsValue: [args.length, args],
});
// What went wrong is in the result alone: nothing is printed.
const error = {
  library: 'chdb',
  funcName: 'chdb_result_error',
  paramsType: [DataType.External],
  paramsValue: [result],
};
if (!isNullPointer(load({ ...error, retType: DataType.External }))) {
  const text: string = load({ ...error, retType: DataType.String });
  process.stderr.write(`${text.split(/, Stack trace|\n/)[0]}\n`);
  process.exitCode = 1;
}
