/** The camera's motion as the reference policies measure it: from two frames back, halved in. */
import { FRAME_SECONDS } from '../constants.ts';
import { wrapAngle } from '../geometry.ts';
import type { Pose } from '../subject.ts';

/** Nothing that moves goes this far in a frame (m): what does has jumped. */
const JUMP_METERS = 5;

export class Motion {
  /** Velocity (m/s) and yaw rate (radians/s). */
  velocityX = 0;
  velocityY = 0;
  yawRate = 0;
  /** Frame of the last jump, long ago if there was none. */
  jumpFrame = -9;
  private readonly poses: Pose[] = [];

  /** Takes the pose of a frame; true where the camera jumped. */
  see(frame: number, pose: Pose): boolean {
    const last = this.poses[frame - 1];
    this.poses[frame] = pose;
    const isJump = last !== undefined && Math.hypot(pose.x - last.x, pose.y - last.y) > JUMP_METERS;
    if (isJump) this.jumpFrame = frame;
    return isJump;
  }

  /** Brings the filter up to a frame; false where a jump is too near to tell. */
  update(frame: number): boolean {
    if (frame < 3 || frame - this.jumpFrame <= 2) return false;
    const pose = this.poses[frame]!;
    const before = this.poses[frame - 2]!;
    const dt = 2 * FRAME_SECONDS;
    this.velocityX += 0.5 * ((pose.x - before.x) / dt - this.velocityX);
    this.velocityY += 0.5 * ((pose.y - before.y) / dt - this.velocityY);
    this.yawRate += 0.5 * (wrapAngle(pose.yaw - before.yaw) / dt - this.yawRate);
    return true;
  }
}
