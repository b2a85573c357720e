package io.sandrift.server.scsi.task;

/** A task's place in its task set (SAM-5 clause 8.6). */
public enum TaskAttribute {
  SIMPLE,
  ORDERED,
  HEAD_OF_QUEUE,
  ACA
}
