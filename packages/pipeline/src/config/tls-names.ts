// The names that Go's crypto/tls gives to what OpenSSL calls otherwise. The suites of TLS 1.3 are named alike.

/** Cipher suites, as in `tls.CipherSuites()`. */
const suites: Record<string, string> = {
  TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256: 'ECDHE-ECDSA-AES128-GCM-SHA256',
  TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256: 'ECDHE-RSA-AES128-GCM-SHA256',
  TLS_ECDHE_ECDSA_WITH_AES_256_GCM_SHA384: 'ECDHE-ECDSA-AES256-GCM-SHA384',
  TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384: 'ECDHE-RSA-AES256-GCM-SHA384',
  TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-ECDSA-CHACHA20-POLY1305',
  TLS_ECDHE_RSA_WITH_CHACHA20_POLY1305_SHA256: 'ECDHE-RSA-CHACHA20-POLY1305',
  TLS_ECDHE_ECDSA_WITH_AES_128_CBC_SHA: 'ECDHE-ECDSA-AES128-SHA',
  TLS_ECDHE_RSA_WITH_AES_128_CBC_SHA: 'ECDHE-RSA-AES128-SHA',
  TLS_ECDHE_ECDSA_WITH_AES_256_CBC_SHA: 'ECDHE-ECDSA-AES256-SHA',
  TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA: 'ECDHE-RSA-AES256-SHA',
};

const suitesOfTls13 = ['TLS_AES_128_GCM_SHA256', 'TLS_AES_256_GCM_SHA384', 'TLS_CHACHA20_POLY1305_SHA256'];

const curves: Record<string, string> = {
  X25519: 'X25519',
  P256: 'prime256v1',
  P384: 'secp384r1',
  P521: 'secp521r1',
};

export const cipherSuiteNames = [...suitesOfTls13, ...Object.keys(suites)];
export const curveNames = Object.keys(curves);

/** For the option `ciphers` of node:tls. As in Go, TLS 1.3 has its suites whatever the list says. */
export function ciphersOf(names: readonly string[]): string {
  const older = names.flatMap((name) => suites[name] ?? []);
  return [...suitesOfTls13, ...older].join(':');
}

/** For the option `ecdhCurve` of node:tls. */
export function curvesOf(names: readonly string[]): string {
  return names.map((name) => curves[name] ?? name).join(':');
}
