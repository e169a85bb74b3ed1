import { type KeyObject, verify } from 'node:crypto'
import { isObject, type Json, tryJson } from './json.ts'

/** The App's own proof, an RS256 JSON web token. Gives GitHub's words for what is wrong with it, or `null`. */
export function refuseAppToken(token: string, appId: number, key: KeyObject, now: number): string | null {
  const parts = token.split('.')
  const [header, claims] = parts.slice(0, 2).map(decoded)
  const [head = '', body = '', signature = ''] = parts
  const unreadable = 'A JSON web token could not be decoded'
  if (parts.length !== 3 || !isObject(header) || !isObject(claims) || header.alg !== 'RS256') return unreadable
  if (!verify('RSA-SHA256', Buffer.from(`${head}.${body}`), key, Buffer.from(signature, 'base64url'))) return unreadable
  if (String(claims.iss) !== String(appId)) return "'Issuer' claim ('iss') must be the App's id"
  return refuseTimes(claims.iat, claims.exp, now / 1000)
}

function refuseTimes(iat: Json | undefined, exp: Json | undefined, now: number): string | null {
  if (typeof iat !== 'number' || !Number.isInteger(iat) || iat > now + 5)
    return "'Issued at' claim ('iat') must be an Integer representing the time that the assertion was issued"
  if (typeof exp !== 'number' || !Number.isInteger(exp) || exp <= now)
    return "'Expiration time' claim ('exp') must be a numeric value representing the future time at which the assertion expires"
  if (exp > now + 10 * 60 + 5) return "'Expiration time' claim ('exp') is too far in the future"
  return null
}

function decoded(part: string): Json | undefined {
  return tryJson(Buffer.from(part, 'base64url').toString())
}
