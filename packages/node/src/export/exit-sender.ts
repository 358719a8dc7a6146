// A program: sends the requests on its standard input (`ExitMail`), and writes the number of each that is taken.
import { readFileSync } from 'node:fs';
import type { ExitMail } from './send-at-exit.ts';
import { openSender } from './open-sender.ts';

const input = readFileSync(0);
const end = input.indexOf('\n');
const { target, lengths } = JSON.parse(input.toString('utf8', 0, end)) as ExitMail;
const tls = Object.fromEntries(Object.entries(target.tls).map(([name, pem]) => [name, Buffer.from(pem)]));
const sender = openSender({ ...target, url: new URL(target.url), tls });
// The sender's connections keep no process alive, and this one has nothing else to do.
const alive = setInterval(() => {}, 1000);

let at = end + 1;
const sent = lengths.map(async (length, index) => {
  const answer = await sender.send(input.subarray(at, (at += length)));
  if (answer.kind === 'taken') process.stdout.write(`${index}\n`);
});
await Promise.all(sent);
clearInterval(alive);
sender.close();
