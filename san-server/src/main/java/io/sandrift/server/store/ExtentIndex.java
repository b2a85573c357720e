package io.sandrift.server.store;

import io.sandrift.volume.catalog.VolumeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.UUID;
import org.rocksdb.BlockBasedTableConfig;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.LRUCache;
import org.rocksdb.NativeLibraryLoader;
import org.rocksdb.Options;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The extent map on disk, in RocksDB. Safe for all threads.
 *
 * <pre>
 *   'v' volume (16)            → slot size (4)     a volume of this store
 *   'e' volume (16) unit (8)   → slot (8)          an extent
 *   'f' file name              → length (8)        how long a file was when the store was last closed
 * </pre>
 *
 * <p>Each change is in the write-ahead log, and so in the operating system's hands, when the call
 * returns: it survives the process. {@link #sync} makes it survive the machine.
 */
final class ExtentIndex implements AutoCloseable {

  private static final Logger LOG = LoggerFactory.getLogger(ExtentIndex.class);

  private static final byte VOLUME = 'v';
  private static final byte EXTENT = 'e';
  private static final byte FILE = 'f';

  private static final long BLOCK_CACHE_BYTES = 16L * 1024 * 1024;
  private static final long WRITE_BUFFER_BYTES = 16L * 1024 * 1024;

  /** Receives what {@link #load} finds. */
  interface Loader {
    void volume(VolumeId volume, int slotBytes) throws StoreException;

    void extent(VolumeId volume, long unit, long slot) throws StoreException;

    void file(String name, long length) throws StoreException;
  }

  private final LRUCache cache;
  private final Options options;
  private final WriteOptions unsynced;
  private final RocksDB database;

  ExtentIndex(Path directory) throws StoreException {
    loadLibrary(directory);
    unsynced = new WriteOptions();
    cache = new LRUCache(BLOCK_CACHE_BYTES);
    options =
        new Options()
            .setCreateIfMissing(true)
            .setParanoidChecks(true)
            // A torn record at the log's end is a crash; one in its middle is damage, and must not
            // pass for one.
            .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords)
            .setWriteBufferSize(WRITE_BUFFER_BYTES)
            .setMaxWriteBufferNumber(2)
            .setMaxBackgroundJobs(2)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setKeepLogFileNum(2)
            .setMaxLogFileSize(1024 * 1024)
            .setMaxManifestFileSize(4L * 1024 * 1024)
            .setMaxTotalWalSize(64L * 1024 * 1024)
            .setMaxOpenFiles(128)
            .setTableFormatConfig(new BlockBasedTableConfig().setBlockCache(cache));
    try {
      database = RocksDB.open(options, directory.toString());
    } catch (RocksDBException e) {
      options.close();
      cache.close();
      throw new StoreException(
          "the extent index in "
              + directory
              + " can't be opened: "
              + e.getMessage()
              + ". Nothing was changed. If the disk is full or a file's permissions are wrong, mend"
              + " that and start again; if files are damaged, restore this directory together with"
              + " the extent files from a backup",
          e);
    }
  }

  /**
   * Unpacks RocksDB's native library beside the index, where the next start replaces it: a process
   * that is killed would leave its copy in the temporary directory for ever. Where nothing can be
   * run from there, the temporary directory has to do.
   */
  private static void loadLibrary(Path directory) throws StoreException {
    try {
      Files.createDirectories(directory);
      NativeLibraryLoader.getInstance().loadLibrary(directory.toString());
    } catch (IOException | RuntimeException e) {
      throw new StoreException(
          "RocksDB's native library can't be unpacked into " + directory + ": " + e.getMessage(),
          e);
    } catch (UnsatisfiedLinkError e) {
      LOG.info(
          "RocksDB's native library can't be run from {} ({}); the temporary directory is tried,"
              + " where a server that is killed leaves a copy behind",
          directory,
          e.getMessage());
    }
    try {
      RocksDB.loadLibrary();
    } catch (UnsatisfiedLinkError e) {
      throw new StoreException(
          "RocksDB's native library can't be run from "
              + directory
              + " nor from the temporary directory: "
              + e.getMessage()
              + ". Mount either without noexec",
          e);
    }
  }

  /** Whether RocksDB slows writes down or holds them back now. Not to be called once closed. */
  boolean isStalled() {
    try {
      return database.getLongProperty("rocksdb.is-write-stopped") != 0
          || database.getLongProperty("rocksdb.actual-delayed-write-rate") != 0;
    } catch (RocksDBException e) {
      return false;
    }
  }

  /** Goes through all of it, volumes first. */
  void load(Loader loader) throws StoreException {
    try (RocksIterator entries = database.newIterator()) {
      for (entries.seek(new byte[] {VOLUME});
          entries.isValid() && entries.key()[0] == VOLUME;
          entries.next()) {
        loader.volume(volumeOf(entries.key()), ByteBuffer.wrap(entries.value()).getInt());
      }
      for (entries.seek(new byte[] {EXTENT});
          entries.isValid() && entries.key()[0] == EXTENT;
          entries.next()) {
        byte[] key = entries.key();
        loader.extent(
            volumeOf(key),
            ByteBuffer.wrap(key).getLong(17),
            ByteBuffer.wrap(entries.value()).getLong());
      }
      for (entries.seek(new byte[] {FILE});
          entries.isValid() && entries.key()[0] == FILE;
          entries.next()) {
        byte[] key = entries.key();
        String name = new String(key, 1, key.length - 1, StandardCharsets.UTF_8);
        loader.file(name, ByteBuffer.wrap(entries.value()).getLong());
      }
      entries.status();
    } catch (RocksDBException | java.nio.BufferUnderflowException | IndexOutOfBoundsException e) {
      throw new StoreException(
          "the extent index is damaged: "
              + e.getMessage()
              + ". Nothing was changed; restore the store from a backup",
          e);
    }
  }

  void addVolume(VolumeId volume, int slotBytes) throws RocksDBException {
    database.put(unsynced, volumeKey(volume), ByteBuffer.allocate(4).putInt(slotBytes).array());
  }

  void put(VolumeId volume, long unit, long slot) throws RocksDBException {
    database.put(unsynced, extentKey(volume, unit), ByteBuffer.allocate(8).putLong(slot).array());
  }

  void remove(VolumeId volume, long unit) throws RocksDBException {
    database.delete(unsynced, extentKey(volume, unit));
  }

  /** Forgets a volume and all its extents, at once. */
  void removeVolume(VolumeId volume) throws RocksDBException {
    try (WriteBatch batch = new WriteBatch()) {
      batch.delete(volumeKey(volume));
      byte[] end = ByteBuffer.allocate(25).put(extentKey(volume, -1L)).array();
      batch.deleteRange(extentKey(volume, 0), end);
      batch.delete(extentKey(volume, -1L));
      database.write(unsynced, batch);
    }
  }

  /** Notes how long a file is; to be followed by {@link #sync}. */
  void putFile(String name, long length) throws RocksDBException {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    byte[] key = ByteBuffer.allocate(1 + bytes.length).put(FILE).put(bytes).array();
    database.put(unsynced, key, ByteBuffer.allocate(8).putLong(length).array());
  }

  /** Forgets the files' lengths, durably, as the files are about to change. */
  void forgetFiles() throws RocksDBException {
    database.deleteRange(unsynced, new byte[] {FILE}, new byte[] {FILE + 1});
    sync();
  }

  /** Makes durable all that was changed before this call. */
  void sync() throws RocksDBException {
    database.syncWal();
  }

  @Override
  public void close() {
    database.close();
    unsynced.close();
    options.close();
    cache.close();
  }

  private static byte[] volumeKey(VolumeId volume) {
    return key(17, VOLUME, volume).array();
  }

  private static byte[] extentKey(VolumeId volume, long unit) {
    return key(25, EXTENT, volume).putLong(unit).array();
  }

  private static ByteBuffer key(int length, byte kind, VolumeId volume) {
    return ByteBuffer.allocate(length)
        .put(kind)
        .putLong(volume.value().getMostSignificantBits())
        .putLong(volume.value().getLeastSignificantBits());
  }

  private static VolumeId volumeOf(byte[] key) {
    ByteBuffer buffer = ByteBuffer.wrap(key);
    return new VolumeId(new UUID(buffer.getLong(1), buffer.getLong(9)));
  }
}
