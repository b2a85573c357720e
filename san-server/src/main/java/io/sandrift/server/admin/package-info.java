/**
 * The admin API over HTTP and JSON: its server, who may come in, and the resources.
 *
 * <p>Started and stopped by the node; requests run on a few threads of Jetty's, which may wait a
 * bounded time for ZooKeeper or another server. What a resource shows of the rest comes through
 * ports beside it, such as {@link io.sandrift.server.admin.ServedVolumes}. Imports the catalog,
 * distribution, peer's calls, Javalin and Jackson.
 *
 * <p>To add a resource:
 *
 * <ol>
 *   <li>A class, here or with its feature: {@code public final class LoadResource implements
 *       AdminResource}, whose {@code routes} declares {@code routes.link("load",
 *       "/v1/load").get("/v1/load", Role.VIEWER, this::show)}.
 *   <li>An endpoint reads the {@link io.sandrift.server.admin.Exchange} ({@code
 *       exchange.expectParameters("window")}, {@code exchange.body("from").text("from")}), answers
 *       with {@code exchange.answer(json)}, and throws {@link io.sandrift.server.admin.Problem} for
 *       every refusal.
 *   <li>What only another server knows: {@link io.sandrift.server.admin.PeerQuestions}.
 *   <li>{@code LoadResource.openapi.json} beside it (in {@code src/main/resources}), with {@code
 *       paths} and {@code components}; refusals and roles are added by themselves.
 *   <li>One line in {@code Node}, where the others are listed.
 *   <li>Its command in {@code io.sandrift.volume.cli}, after {@code VolumeListCommand}: {@code
 *       admin.connect().get("/v1/load")}, {@code output.format().print(...)}; one line in {@code
 *       Sandrift.commandLine}; then {@code docs/commands.md} by {@code ReferencePagesTest}.
 * </ol>
 */
@NullMarked
package io.sandrift.server.admin;

import org.jspecify.annotations.NullMarked;
