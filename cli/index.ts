/** `cloudmount`: mounts buckets without the window. The entry: parses the words and hands them on. */
import { Command } from 'commander'
import { tagOf } from './locale.ts'
import { useLanguage } from '../language/language.ts'
import { nearestLanguage } from '../language/languages.ts'
import { list, mount, run, status, unmount } from './commands.ts'
import { listConflicts, resolveConflicts, showConflict, type ResolveOptions } from './conflicts.ts'
import { listRecovered, restoreRecovered } from './recovered.ts'
import { pause, resume } from './pause.ts'
import { pin, pins, unpin } from './pins.ts'
import { versions, type VersionsOptions } from './versions.ts'
import { exitCodeHelp, exitCodes } from './exit-codes.ts'

/** The language of the terminal, where there is such a one: what a drive says; the usage is English. */
useLanguage(nearestLanguage([process.env.LC_ALL, process.env.LC_MESSAGES, process.env.LANG].flatMap(tagOf)))

const program = new Command()
  .name('cloudmount')
  .description('S3 buckets as drives: cached on disk, usable offline, nothing lost')
  .showHelpAfterError('(see cloudmount --help)')
  .addHelpText(
    'after',
    `${exitCodeHelp}

Keys come from where AWS tools look for them: AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, ~/.aws, or --profile.`,
  )
  .exitOverride((error) => process.exit(error.exitCode === 0 ? exitCodes.done : exitCodes.usage))

function withAccount(command: Command): Command {
  return command
    .option('--endpoint <url>', "another provider's address; AWS when absent")
    .option('--region <name>', 'default: AWS_REGION, or us-east-1')
    .option('--profile <name>', 'a profile of ~/.aws')
    .option('--anonymous', 'sign nothing: for public buckets')
    .option('--addressing <style>', '“path” or “virtual”; path with --endpoint, virtual without')
    .option('--ca-file <file>', 'a PEM file with certificate authorities to trust besides the system’s')
}

withAccount(program.command('mount'))
  .description('mount a bucket, or a prefix of it, on an empty folder')
  .argument('<location>', 's3://bucket or s3://bucket/prefix')
  .argument('<dir>', 'the folder')
  .option('--cache <dir>', 'where cached and queued content is kept; default: ~/.cache/cloudmount')
  .option(
    '--cache-limit <size>',
    'how much of the disk it may take, such as 500M or 20G; default: what the disk has room for',
  )
  .option('--read-only', 'nothing can be changed')
  .option('--consistency <mode>', 'cached, close-to-open (default) or strict')
  .option(
    '--local-only <pattern>',
    'names that stay on this machine, instead of the usual ones (.DS_Store and such); may be repeated',
    (pattern: string, before: string[] | undefined) => [...(before ?? []), pattern],
  )
  .option('--allow-other', 'let other users of this machine in (root: always)')
  .option('--foreground', 'stay until interrupted')
  .action((location: string, directory: string, options: Parameters<typeof mount>[2]) =>
    run(() => mount(location, directory, options)),
  )

program
  .command('unmount')
  .description('unmount a drive; waits until everything is in the bucket, and says what is left')
  .argument('<dir>', 'the folder')
  .option('--wait [seconds]', 'upload first, for so long at most (default: 600)')
  .option('--leave', 'leave what is not uploaded yet queued for the next mount')
  .option('--force', 'even while programs use it')
  .action((directory: string, options: Parameters<typeof unmount>[1]) => run(() => unmount(directory, options)))

program
  .command('status')
  .description('drives mounted with this command, and what is waiting for upload')
  .option('--json', 'for programs')
  .action((options: { json?: boolean }) => run(() => status(options)))

program
  .command('pause')
  .description('let uploads, and downloads that no program waits for, rest; changes are taken and wait')
  .argument('[dir]', 'a mounted drive; default: all of them')
  .option('--for <span>', 'such as 30m, 2h, 1d or tomorrow; default: until “resume”')
  .action((directory: string | undefined, options: { for?: string }) => run(() => pause(directory, options)))

program
  .command('resume')
  .description('end a pause')
  .argument('[dir]', 'a mounted drive; default: all of them')
  .action((directory: string | undefined) => run(() => resume(directory)))

program
  .command('pin')
  .description('keep files and folders of mounted drives on this computer, and fresh')
  .argument('<path...>', 'on a mounted drive')
  .action((paths: string[]) => run(() => pin(paths)))

program
  .command('unpin')
  .description('let them leave the cache again when room is needed')
  .argument('<path...>', 'on a mounted drive')
  .action((paths: string[]) => run(() => unpin(paths)))

program
  .command('pins')
  .description('what is kept on this computer, and whether all of it is here')
  .argument('[dir]', 'a mounted drive; default: all of them')
  .option('--json', 'for programs')
  .action((directory: string | undefined, options: { json?: boolean }) => run(() => pins(directory, options)))

const conflicts = program.command('conflicts').description('files that were changed here and in the bucket')

conflicts
  .command('list', { isDefault: true })
  .description('what is in conflict')
  .argument('[dir]', 'a mounted drive, or a folder on it; default: all drives')
  .option('--json', 'for programs')
  .action((directory: string | undefined, options: { json?: boolean }) => run(() => listConflicts(directory, options)))

conflicts
  .command('show')
  .description('both versions as files to look at, and what differs in a text')
  .argument('<path>', 'a file on a mounted drive')
  .action((path: string) => run(() => showConflict(path)))

conflicts
  .command('resolve')
  .description('keep yours, theirs or both; what goes is kept for 30 days, see “recovered”')
  .argument('<path...>', 'files on a mounted drive; with --all also folders')
  .option('--mine', 'your version goes to the bucket')
  .option('--theirs', 'the version in the bucket is shown here')
  .option('--both', 'yours gets a name of its own beside theirs')
  .option('--all', 'everything below')
  .action((paths: string[], options: ResolveOptions) => run(() => resolveConflicts(paths, options)))

const recovered = program.command('recovered').description('versions that were discarded in the last 30 days')

recovered
  .command('list', { isDefault: true })
  .description('what can be put back')
  .argument('[dir]', 'a mounted drive; default: all of them')
  .option('--json', 'for programs')
  .action((directory: string | undefined, options: { json?: boolean }) => run(() => listRecovered(directory, options)))

recovered
  .command('restore')
  .description('put versions back on the drive, as new files beside the present ones')
  .argument('<dir>', 'the mounted drive')
  .argument('<id...>', 'as “recovered list” shows them')
  .action((directory: string, ids: string[]) => run(() => restoreRecovered(directory, ids)))
program
  .command('versions')
  .description('what a versioned bucket still holds of a file, or of deleted files, and bringing it back')
  .argument('<dir>', 'the mounted drive')
  .argument('[path]', 'a file of it')
  .argument('[file]', 'with --save: where to')
  .option('--restore <version>', 'make that version its content again; what it holds now stays a version')
  .option('--save <version>', 'write that version to a file of this computer')
  .option('--deleted [folder]', 'list deleted files instead, of the drive or of a folder')
  .option('--undelete <path...>', 'bring deleted files back, or all of a folder')
  .option('--json', 'for programs')
  .action((directory: string, path: string | undefined, file: string | undefined, options: VersionsOptions) =>
    run(() => versions(directory, path, file, options)),
  )

withAccount(program.command('ls'))
  .description('list buckets, or what is in one, without mounting')
  .argument('[location]', 's3://bucket or s3://bucket/prefix')
  .option('--json', 'one JSON object a line')
  .action((location: string | undefined, options: Parameters<typeof list>[1]) => run(() => list(location, options)))

void program.parseAsync()
