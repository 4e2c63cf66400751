/**
 * An S3 client of a few lines, signing for itself: the demo compares bytes through it, so it must share no code with the app.
 * Path style, whole objects, one attempt.
 */
import { createHash, createHmac } from 'node:crypto'

export function s3Client({ endpoint, accessKeyId, secretAccessKey, region = 'us-east-1' }) {
  const send = async (method, bucket, key, body = Buffer.alloc(0)) => {
    const url = new URL(`/${[bucket, ...key.split('/')].map(encode).join('/')}`, endpoint)
    const headers = sign({ method, url, body, date: new Date(), accessKeyId, secretAccessKey, region })
    const answer = await fetch(url, { method, headers, ...(method === 'PUT' ? { body } : {}) })
    return { status: answer.status, body: Buffer.from(await answer.arrayBuffer()) }
  }
  return {
    async put(bucket, key, body) {
      const { status, body: text } = await send('PUT', bucket, key, body)
      if (status !== 200) throw new Error(`PUT ${key} answered ${status}: ${text}`)
    },
    /** Undefined when there is no such object. */
    async get(bucket, key) {
      const { status, body } = await send('GET', bucket, key)
      if (status === 404) return undefined
      if (status !== 200) throw new Error(`GET ${key} answered ${status}: ${body}`)
      return body
    },
  }
}

/** Signature version 4 over the headers it returns. */
export function sign({ method, url, body, date, accessKeyId, secretAccessKey, region }) {
  const time = date.toISOString().replace(/[-:]|\.\d{3}/g, '')
  const day = time.slice(0, 8)
  const headers = { host: url.host, 'x-amz-content-sha256': sha256(body), 'x-amz-date': time }
  const names = Object.keys(headers).sort()
  const lines = names.map((name) => `${name}:${headers[name]}\n`).join('')
  const request = [method, url.pathname, '', lines, names.join(';'), headers['x-amz-content-sha256']].join('\n')
  const scope = `${day}/${region}/s3/aws4_request`
  const key = [day, region, 's3', 'aws4_request'].reduce(hmac, `AWS4${secretAccessKey}`)
  const signature = hmac(key, ['AWS4-HMAC-SHA256', time, scope, sha256(request)].join('\n')).toString('hex')
  const credential = `Credential=${accessKeyId}/${scope}, SignedHeaders=${names.join(';')}, Signature=${signature}`
  return { ...headers, authorization: `AWS4-HMAC-SHA256 ${credential}` }
}

function hmac(key, text) {
  return createHmac('sha256', key).update(text).digest()
}

function sha256(data) {
  return createHash('sha256').update(data).digest('hex')
}

/** Everything but the unreserved characters, as S3 signs it. */
function encode(text) {
  return encodeURIComponent(text).replace(/[!'()*]/g, (char) => `%${char.charCodeAt(0).toString(16).toUpperCase()}`)
}
