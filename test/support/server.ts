import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { onTestFinished } from 'vitest'
import type { BucketAccess } from './bucket-settings.js'
import type { Cli } from './cli.js'

/** An S3 stub in a process of its own, so that what it keeps in memory is not ours; it ends with the test. */
export async function startServer(cli: Cli): Promise<BucketAccess> {
  const program = join(dirname(dirname(cli.main)), 'testing', 's3-stub-main.js')
  const child = spawn(process.execPath, [program], { stdio: ['pipe', 'pipe', 'inherit'] })
  onTestFinished(async () => {
    const ended = once(child, 'exit')
    child.stdin.end()
    await ended
  })
  const [line] = await once(createInterface(child.stdout), 'line')
  const { endpoint, bucket, credentials } = JSON.parse(line)
  return { endpoint, bucket, accessKey: credentials.accessKeyId, secretKey: credentials.secretAccessKey }
}
