package io.sandrift.load.view;

/** What is believed of a server. */
public enum Liveness {
  /** It has been heard of lately. */
  ALIVE,
  /** It has been silent for some heartbeats; nothing new is sent there, and nothing is moved. */
  SUSPECT,
  /** Its registration has ended. */
  DEAD
}
