import { execFileSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";

/** A certificate and its key, in PEM form, as files. */
export interface Certificate {
  readonly cert: string;
  readonly key: string;
}

function openssl(directory: string, args: readonly string[]): void {
  execFileSync("openssl", args, { cwd: directory, stdio: "pipe" });
}

/** Makes an authority of its own: NAME.crt and NAME.key in the directory. */
export function makeAuthority(directory: string, name: string): Certificate {
  const files = { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
  openssl(directory, [
    ..."req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 2".split(" "),
    ...["-subj", `/CN=${name}`, "-keyout", files.key, "-out", files.cert],
  ]);
  return files;
}

/**
 * Makes a certificate that an authority has signed.
 * @param algorithm `ec` or `rsa`: cipher suites up to TLS 1.2 go with one of them
 * @param sans subject alternative names as openssl wants them, `DNS:a,IP:127.0.0.1`
 */
export function makeCertificate(
  directory: string,
  name: string,
  authority: Certificate,
  sans: string,
  algorithm: "ec" | "rsa" = "ec",
): Certificate {
  const files = { cert: join(directory, `${name}.crt`), key: join(directory, `${name}.key`) };
  const kind =
    algorithm === "ec" ? "-newkey ec -pkeyopt ec_paramgen_curve:P-256" : "-newkey rsa:2048";
  const request = join(directory, `${name}.csr`);
  const extensions = join(directory, `${name}.ext`);
  writeFileSync(extensions, `subjectAltName=${sans}\n`);
  openssl(directory, [
    ...`req ${kind} -nodes`.split(" "),
    ...["-subj", `/CN=${name}`, "-keyout", files.key, "-out", request],
  ]);
  openssl(directory, [
    ...["x509", "-req", "-in", request, "-CA", authority.cert, "-CAkey", authority.key],
    ...["-CAcreateserial", "-days", "2", "-extfile", extensions, "-out", files.cert],
  ]);
  return files;
}
