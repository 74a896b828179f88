/** A disk that is soon full. */

import type { VideoWriterOptions } from "../../../mod.ts";
import { Child } from "../../support/child.ts";
import { TemporaryDirectory } from "../reading.ts";

/** A place that is full after a quarter of a megabyte, or at once where none can be made. */
export class SmallDisk implements AsyncDisposable {
  readonly directory: TemporaryDirectory;
  readonly mounted: boolean;

  private constructor(directory: TemporaryDirectory, mounted: boolean) {
    this.directory = directory;
    this.mounted = mounted;
  }

  static async make(...options: string[]): Promise<SmallDisk> {
    const directory = await TemporaryDirectory.make();
    const how = ["size=256k", ...options].join(",");
    await using mount = new Child("mount", ["-t", "tmpfs", "-o", how, "none", directory.path]);
    return new SmallDisk(directory, (await mount.exited).code === 0);
  }

  get file(): string {
    return this.mounted ? this.directory.file("film.mp4") : "/dev/full";
  }

  get options(): VideoWriterOptions {
    return this.mounted ? {} : { container: "mp4", overwrite: true };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (this.mounted) {
      await using umount = new Child("umount", ["-l", this.directory.path]);
      await umount.exited;
    }
    await this.directory[Symbol.asyncDispose]();
  }
}
