import { GrpcSender } from './grpc-sender.ts';
import { HttpSender } from './http-sender.ts';
import type { OtlpTarget } from './otlp-target.ts';
import type { Sender } from './sender.ts';

export function openSender(target: OtlpTarget): Sender {
  return target.protocol === 'grpc' ? new GrpcSender(target) : new HttpSender(target);
}
