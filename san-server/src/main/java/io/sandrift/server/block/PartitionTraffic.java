package io.sandrift.server.block;

/** What passed through one partition at one server since that server's start. */
public record PartitionTraffic(long reads, long writes, long bytesRead, long bytesWritten) {

  public long operations() {
    return reads + writes;
  }

  public long bytes() {
    return bytesRead + bytesWritten;
  }
}
