/**
 * The admin API: volumes and this server over HTTP and JSON.
 *
 * <p>Started and stopped by the node; requests run on a few threads of Jetty's, which may wait for
 * ZooKeeper. What it shows of the target and the store comes through the ports {@link
 * io.sandrift.server.admin.ServedVolumes} and {@link io.sandrift.server.admin.ServerStatus}.
 * Imports the catalog, Javalin and Jackson.
 */
@NullMarked
package io.sandrift.server.admin;

import org.jspecify.annotations.NullMarked;
