import { context, propagation } from '@opentelemetry/api';
import { traceNetwork } from '@throughline/node';
import { lookup } from 'node:dns';
import { readFileSync } from 'node:fs';
import { Agent, type RequestOptions, request as httpRequest } from 'node:http';
import { Agent as TlsAgent, request as httpsRequest } from 'node:https';
import type { LookupFunction } from 'node:net';
import type { Faults } from './faults.ts';
import { settings } from './settings.ts';

const secure = settings.backend.protocol === 'https:';
const ca = settings.tls.ca ? readFileSync(settings.tls.ca) : undefined;
const agent = secure ? new TlsAgent({ keepAlive: true, ca }) : new Agent({ keepAlive: true });

export interface Answer {
  status: number;
  body: string;
}

/** Sends the active context along; its span gets the network's phases as children. Rejects after the timeout. */
export function callBackend(path: string, faults: Faults): Promise<Answer> {
  const timeoutMs = settings.backendTimeoutMs;
  const headers: Record<string, string> = {};
  propagation.inject(context.active(), headers);
  const options: RequestOptions = {
    ...whereTo(faults),
    path,
    headers,
    lookup: lookupIn(faults.dnsMs),
    // A name is looked up for a new connection only.
    agent: faults.dnsMs > 0 ? freshAgent() : agent,
  };
  return new Promise((resolve, reject) => {
    const request = (secure ? httpsRequest : httpRequest)(options, (response) => {
      let body = '';
      response.setEncoding('utf8');
      response.on('data', (text: string) => (body += text));
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }));
      response.on('error', reject);
    });
    request.on('error', reject);
    const giveUp = (): void => void request.destroy(new Error(`no answer within ${timeoutMs} ms`));
    const timer = setTimeout(giveUp, timeoutMs);
    request.on('close', () => clearTimeout(timer));
    traceNetwork(request).end();
  });
}

/** Ends the connections that are kept for later. */
export function closeConnections(): void {
  agent.destroy();
}

/** RFC 2606: a name that never exists. */
const unknownHost = 'backend.invalid';

function whereTo({ fail }: Faults): RequestOptions {
  const { hostname, port } = settings.backend;
  return {
    host: fail === 'dns' ? unknownHost : hostname.replace(/^\[(.*)\]$/, '$1'),
    port: fail === 'refused' ? 1 : port || (secure ? 443 : 80),
  };
}

const freshAgent = (): Agent => (secure ? new TlsAgent({ ca }) : new Agent());

function lookupIn(delayMs: number): LookupFunction {
  const addresses = settings.backendAddresses.map((address) => ({
    address,
    family: address.includes(':') ? 6 : 4,
  }));
  return (name, options, done) => {
    setTimeout(() => {
      const [first] = addresses;
      if (!first || name === unknownHost) lookup(name, options, done);
      else if (options.all) done(null, addresses);
      else done(null, first.address, first.family);
    }, delayMs);
  };
}
